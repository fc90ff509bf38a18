#[derive(Debug, Clone)]
pub struct Song {
    pub title: String,
    pub seconds: u32,
}

#[derive(Default)]
pub struct Playlist {
    songs: Vec<Song>,
    played: usize,
}

impl Playlist {
    pub fn push(&mut self, title: &str, seconds: u32) -> &mut Self {
        self.songs.push(Song { title: title.to_string(), seconds });
        self
    }

    pub fn next(&mut self) -> Option<&Song> {
        let song = self.songs.get(self.played)?;
        self.played += 1;
        Some(song)
    }

    pub fn longest(&self) -> Option<&Song> {
        self.songs.iter().max_by_key(|song| song.seconds)
    }

    pub fn titles(&self) -> Vec<String> {
        let mut titles = Vec::new();
        for song in &self.songs {
            titles.push(song.title.clone());
        }
        titles
    }

    pub fn drop_short(&mut self, seconds_min: u32) {
        self.songs.retain(|song| song.seconds >= seconds_min);
        self.played = self.played.min(self.songs.len());
    }
}

#[cfg(test)]
mod tests {
    use super::Playlist;

    #[test]
    fn plays_in_order() {
        let mut list = Playlist::default();
        list.push("Overture", 120).push("Aria", 300);
        assert_eq!(list.next().unwrap().title, "Overture");
        assert_eq!(list.next().unwrap().title, "Aria");
        assert!(list.next().is_none());
        assert_eq!(list.longest().unwrap().seconds, 300);
    }

    #[test]
    fn drops() {
        let mut list = Playlist::default();
        list.push("a", 10).push("b", 20).drop_short(15);
        assert_eq!(list.titles(), ["b"]);
    }
}
