//! Integrates from 0 to 1 by four points, two of which mirror the others.

const OUTER: f64 = 0.2; // tars: 0.0 .. 0.5
const INNER: f64 = 0.4; // tars: 0.0 .. 0.5
const SHARE: f64 = 0.5; // tars: 0.05 .. 0.95

/// The integrals of x to these powers.
pub fn integrate(powers: Vec<i32>) -> Vec<f64> {
    powers
        .into_iter()
        .map(|power| by_four_points(|x| x.powi(power)))
        .collect()
}

// tars: evolve
fn by_four_points(f: impl Fn(f64) -> f64) -> f64 {
    let outer = f(OUTER) + f(1.0 - OUTER);
    let inner = f(INNER) + f(1.0 - INNER);
    SHARE / 2.0 * outer + (1.0 - SHARE) / 2.0 * inner
}
// tars: end

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_stays_what_it_is() {
        assert!((integrate(vec![0])[0] - 1.0).abs() < 1e-12);
    }
}
