use std::ops::{Add, Index, IndexMut, Mul};

#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    cells: Vec<f64>,
}

impl Matrix {
    pub fn zero(rows: usize, columns: usize) -> Matrix {
        Matrix { rows, columns, cells: vec![0.0; rows * columns] }
    }

    pub fn identity(size: usize) -> Matrix {
        let mut result = Matrix::zero(size, size);
        for at in 0..size {
            result[(at, at)] = 1.0;
        }
        result
    }
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;
    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.cells[row * self.columns + column]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.cells[row * self.columns + column]
    }
}

impl Add for &Matrix {
    type Output = Matrix;
    fn add(self, other: &Matrix) -> Matrix {
        let cells = self.cells.iter().zip(&other.cells).map(|(a, b)| a + b).collect();
        Matrix { rows: self.rows, columns: self.columns, cells }
    }
}

impl Mul for &Matrix {
    type Output = Matrix;
    fn mul(self, other: &Matrix) -> Matrix {
        let mut result = Matrix::zero(self.rows, other.columns);
        for row in 0..self.rows {
            for column in 0..other.columns {
                for inner in 0..self.columns {
                    result[(row, column)] += self[(row, inner)] * other[(inner, column)];
                }
            }
        }
        result
    }
}

#[test]
fn multiplies() {
    let mut matrix = Matrix::zero(2, 2);
    matrix[(0, 1)] = 3.0;
    matrix[(1, 0)] = 2.0;
    assert_eq!(&matrix * &Matrix::identity(2), matrix);
    assert_eq!((&matrix + &matrix)[(0, 1)], 6.0);
}
