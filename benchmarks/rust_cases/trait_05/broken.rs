use std::f64::consts::PI;

pub trait Shape {
    fn area(&self) -> f64;
    fn perimeter(&self) -> f64;
    fn name(&self) -> String {
        String::from("shape")
    }
}

#[derive(Debug)]
pub struct Circle {
    pub radius: f64,
}

#[derive(Debug)]
pub struct Rectangle {
    pub width: f64,
    pub height: f64,
}

impl Shape for Circle {
    fn area(&self) -> f64 {
        PI * self.radius * self.radius
    }
    fn perimeter(&self) -> f64 {
        2.0 * PI * self.radius
    }
    fn name(&self) -> String {
        "circle".into()
    }
}

impl Shape for Rectangle {
    fn area(&self) -> f64 {
        self.width * self.height
    }
    fn perimeter(&self) -> f64 {
        2.0 * (self.width + self.height)
    }
}

pub fn total_area(shapes: &[Box<dyn Shape>]) -> f64 {
    shapes.iter().map(|shape| shape.area()).sum()
}

pub fn describe(shape: dyn Shape) -> String {
    format!("{} of {:.2}", shape.name(), shape.area())
}

#[test]
fn adds_up() {
    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Circle { radius: 1.0 }), Box::new(Rectangle { width: 2.0, height: 3.0 })];
    assert!((total_area(&shapes) - (PI + 6.0)).abs() < 1e-9);
}

#[test]
fn describes() {
    assert_eq!(describe(&Rectangle { width: 2.0, height: 0.5 }), "shape of 1.00");
    assert_eq!(describe(&Circle { radius: 1.0 }), "circle of 3.14");
    assert_eq!(Rectangle { width: 1.0, height: 1.0 }.perimeter(), 4.0);
}
