pub mod garden {
    pub struct Bed {
        pub label: &'static str,
        pub(crate) plants: Vec<plants::Plant>,
    }

    impl Bed {
        pub fn empty(label: &'static str) -> Self {
            Bed { label, plants: Vec::new() }
        }

        pub fn plant(&mut self, name: &str, days: u32) {
            self.plants.push(plants::Plant::seed(name, days));
        }
    }

    pub mod plants {
        #[derive(Debug, Clone)]
        pub struct Plant {
            name: String,
            pub days: u32,
        }

        impl Plant {
            pub(super) fn seed(name: &str, days: u32) -> Plant {
                Plant { name: name.to_uppercase(), days }
            }

            pub fn is_ripe(&self, day: u32) -> bool {
                day >= self.days
            }
        }
    }
}

pub mod market {
    use crate::garden::Bed;

    pub const PRICE: u32 = 7;

    pub fn harvest(bed: &mut Bed, day: u32) -> u32 {
        let (ripe, rest): (Vec<_>, Vec<_>) = bed.plants.drain(..).partition(|plant| plant.is_ripe(day));
        bed.plants = rest;
        ripe.len() as u32 * PRICE
    }
}

#[cfg(test)]
mod tests {
    use super::garden::Bed;
    use super::market;

    #[test]
    fn harvests() {
        let mut bed = Bed::empty("north");
        bed.plant("radish", 25);
        bed.plant("leek", 120);
        assert_eq!(market::harvest(&mut bed, 30), market::PRICE);
        assert_eq!(bed.plants[0].name, "LEEK");
        assert_eq!(bed.label, "north");
    }
}
