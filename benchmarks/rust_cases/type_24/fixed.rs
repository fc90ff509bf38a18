#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    Red,
    Amber,
    Green,
    Flashing,
}

impl Light {
    pub fn next(self) -> Light {
        match self {
            Light::Red => Light::Green,
            Light::Green => Light::Amber,
            Light::Amber => Light::Red,
            Light::Flashing => Light::Flashing,
        }
    }

    pub fn seconds(&self) -> u64 {
        match *self {
            Light::Red => 30,
            Light::Amber => 5,
            Light::Green => 25,
            Light::Flashing => u64::MAX,
        }
    }
}

pub fn after(start: Light, steps: usize) -> Light {
    let mut light = start;
    for _ in 0..steps {
        light = light.next();
    }
    light
}

#[test]
fn cycles() {
    assert_eq!(after(Light::Red, 3), Light::Red);
    assert_eq!(after(Light::Green, 1), Light::Amber);
    assert_eq!(after(Light::Flashing, 5), Light::Flashing);
    assert_eq!(Light::Red.seconds() + Light::Green.seconds(), 55);
}
