#[derive(Debug, Clone)]
pub enum Expr {
    Number(f64),
    Variable(String),
    Unary { minus: bool, inner: Box<Expr> },
    Binary(Box<Expr>, char, Box<Expr>),
}

pub trait Scope {
    fn lookup(&self, name: &str) -> Option<f64>;
}

impl<F> Scope for F
where
    F: Fn(&str) -> Option<f64>,
{
    fn lookup(&self, name: &str) -> Option<f64> {
        self(name)
    }
}

impl Expr {
    pub fn number(value: impl Into<f64>) -> Box<Expr> {
        Box::new(Expr::Number(value.into()))
    }

    pub fn eval(&self, scope: &dyn Scope) -> Result<f64, String> {
        let value = match self {
            Expr::Number(value) => *value,
            Expr::Variable(name) => scope.lookup(name).ok_or_else(|| format!("unknown {name}"))?,
            Expr::Unary { minus, inner } => {
                let inner = inner.eval(scope)?;
                if *minus { -inner } else { inner }
            }
            Expr::Binary(left, operator, right) => {
                let (left, right) = (left.eval(scope)?, right.eval(scope)?);
                match operator {
                    '+' => left + right,
                    '*' => left * right,
                    other => return Err(format!("unknown operator {other}")),
                }
            }
        };
        Ok(value)
    }

    pub fn depth(&self) -> usize {
        match self {
            Expr::Number(_) | Expr::Variable(_) => 1,
            Expr::Unary { inner, .. } => 1 + inner.depth(),
            Expr::Binary(left, right) => 1 + left.depth().max(right.depth()),
        }
    }
}

#[test]
fn evaluates() {
    let variable = Box::new(Expr::Variable("x".to_string()));
    let negated = Box::new(Expr::Unary { minus: true, inner: variable });
    let sum = Expr::Binary(Expr::number(2), '+', negated);
    let scope = |name: &str| if name == "x" { Some(5.0) } else { None };
    assert_eq!(sum.eval(&scope), Ok(-3.0));
    assert_eq!(sum.depth(), 3);
    assert!(sum.eval(&|_: &str| None).is_err());
}
