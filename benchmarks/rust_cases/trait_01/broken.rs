/// Converts between scales, as a table for a weather station.
pub enum Scale {
    Celsius,
    Fahrenheit,
    Kelvin,
}

pub struct Reading {
    degrees: f64,
    scale: Scale,
}

impl Reading {
    pub fn new(degrees: f64, scale: Scale) -> Reading {
        Reading { degrees, scale }
    }

    pub fn celsius(&self) -> f64 {
        match self.scale {
            Scale::Celsius => self.degrees,
            Scale::Fahrenheit => (self.degrees - 32) * 5.0 / 9.0,
            Scale::Kelvin => self.degrees - 273.15,
        }
    }

    pub fn label(&self) -> String {
        let name = match self.scale {
            Scale::Celsius => "C",
            Scale::Fahrenheit => "F",
            Scale::Kelvin => "K",
        };
        format!("{:.1} {}", self.degrees, name)
    }
}

pub fn mean(readings: &[Reading]) -> Option<f64> {
    if readings.is_empty() {
        return None;
    }
    let sum: f64 = readings.iter().map(Reading::celsius).sum();
    Some(sum / readings.len() as f64)
}

#[test]
fn converts() {
    assert!((Reading::new(212.0, Scale::Fahrenheit).celsius() - 100.0).abs() < 1e-9);
    assert_eq!(Reading::new(21.55, Scale::Celsius).label(), "21.6 C");
}

#[test]
fn averages() {
    let readings = [Reading::new(10.0, Scale::Celsius), Reading::new(293.15, Scale::Kelvin)];
    assert!((mean(&readings).unwrap() - 15.0).abs() < 1e-9);
    assert!(mean(&[]).is_none());
}
