use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Minutes(i32);

impl Minutes {
    const DAY: i32 = 24 * 60;

    pub fn of(hours: i32, minutes: i32) -> Self {
        Minutes((hours * 60 + minutes).rem_euclid(Self::DAY))
    }
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Add<i32> for Minutes {
    type Output = Minutes;

    fn add(self, minutes: i32) -> Minutes {
        Minutes::of(0, self.0 + minutes)
    }
}

impl AddAssign<i32> for Minutes {
    fn add_assign(&mut self, minutes: i32) {
        *self = *self + minutes;
    }
}

impl Sub for Minutes {
    type Output = i32;

    fn sub(&self, earlier: &Minutes) -> i32 {
        (self.0 - earlier.0).rem_euclid(Self::DAY)
    }
}

impl FromStr for Minutes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (hours, minutes) = text.split_once(':').ok_or("no colon")?;
        let hours: i32 = hours.parse().map_err(|_| format!("{hours} is no hour"))?;
        let minutes = minutes.parse::<i32>().map_err(|error| error.to_string())?;
        Ok(Minutes::of(hours, minutes))
    }
}

#[test]
fn counts_minutes() {
    let mut time: Minutes = "23:50".parse().unwrap();
    time += 25;
    assert_eq!(time.to_string(), "00:15");
    assert_eq!(time - Minutes::of(23, 15), 60);
    assert!(Minutes::from_str("x:10").is_err());
    assert!(Minutes::default() < time);
}
