#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Op {
    Push(i64),
    Add,
    Mul,
    Neg,
}

pub struct Machine {
    stack: Vec<i64>,
}

impl Machine {
    pub fn new() -> Self {
        Self { stack: Vec::new() }
    }

    fn pop(&mut self) -> Result<i64, &'static str> {
        self.stack.pop().ok_or("the stack is empty")
    }

    pub fn step(&mut self, op: Op) -> Result<(), &'static str> {
        let result = match op {
            Op::Push(value) => value,
            Op::Add => self.pop()? + self.pop()?,
            Op::Mul => self.pop()? * self.pop()?,
            Op::Neg => -self.pop()?,
        };
        self.stack.push(result);
        Ok(())
    }

    pub fn run(&mut self, ops: &[Op]) -> Result<i64, &'static str> {
        for op in ops {
            self.step(*op)?;
        }
        self.pop()
    }
}

#[test]
fn calculates() {
    let mut machine = Machine::new();
    let ops = [Op::Push(2), Op::Push(3), Op::Add, Op::Push(4), Op::Mul, Op::Neg];
    assert_eq!(machine.run(&ops), Ok(-20));
    assert_eq!(machine.run(&[Op::Add]), Err("the stack is empty"));
}
