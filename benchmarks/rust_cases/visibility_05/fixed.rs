pub mod geometry {
    pub mod points {
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Point {
            pub x: i32,
            pub y: i32,
        }

        impl Point {
            pub fn new(x: i32, y: i32) -> Self {
                Point { x, y }
            }
        }
    }

    pub mod lines {
        use super::points::Point;

        pub struct Line {
            pub from: Point,
            pub to: Point,
        }

        impl Line {
            pub fn squared_length(&self) -> i32 {
                let (dx, dy) = delta(self);
                dx * dx + dy * dy
            }
        }

        fn delta(line: &Line) -> (i32, i32) {
            (line.to.x - line.from.x, line.to.y - line.from.y)
        }
    }
}

use geometry::lines::Line;
use geometry::points::Point;

pub fn diagonal(width: i32, height: i32) -> i32 {
    let line = Line { from: Point::new(0, 0), to: Point::new(width, height) };
    line.squared_length()
}

#[test]
fn measures() {
    assert_eq!(diagonal(3, 4), 25);
}
