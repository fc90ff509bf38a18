use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

pub struct Team {
    pub name: String,
    members: RefCell<Vec<Rc<Player>>>,
}

pub struct Player {
    pub name: String,
    score: RefCell<u32>,
    team: RefCell<Weak<Team>>,
}

impl Team {
    pub fn new(name: &str) -> Rc<Team> {
        Rc::new(Team { name: name.to_string(), members: RefCell::new(Vec::new()) })
    }

    pub fn join(self: &Rc<Self>, player: &Rc<Player>) {
        *player.team.borrow_mut() = Rc::downgrade(self);
        self.members.borrow_mut().push(Rc::clone(player));
    }

    pub fn total(&self) -> u32 {
        self.members.borrow().iter().map(|player| *player.score.borrow()).sum()
    }
}

impl Player {
    pub fn new(name: &str) -> Rc<Player> {
        Rc::new(Player { name: name.to_owned(), score: RefCell::new(0), team: RefCell::new(Weak::new()) })
    }

    pub fn win(&self, points: u32) {
        *self.score.borrow_mut() += points;
    }

    pub fn team_name(&self) -> Option<String> {
        let team = self.team.borrow().upgrade()?;
        Some(team.name.clone())
    }
}

pub fn table(teams: &[Rc<Team>]) -> HashMap<String, u32> {
    teams.iter().map(|team| (team.name.clone(), team.total())).collect()
}
