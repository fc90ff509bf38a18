use std::fmt;

#[derive(Debug, PartialEq)]
pub enum BankError {
    Insufficient { missing: u64 },
    UnknownAccount(u32),
}

impl fmt::Display for BankError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BankError::Insufficient { missing } => write!(f, "{missing} are missing"),
            BankError::UnknownAccount(number) => write!(f, "there is no account {number}"),
        }
    }
}

impl std::error::Error for BankError {}

#[derive(Default)]
pub struct Bank {
    accounts: Vec<(u32, u64)>,
}

impl Bank {
    pub fn open(&mut self, number: u32, amount: u64) {
        self.accounts.push((number, amount));
    }

    pub fn balance(&self, number: u32) -> Result<u64, BankError> {
        for (known, amount) in &self.accounts {
            if *known == number {
                return Ok(*amount);
            }
        }
        Err(BankError::UnknownAccount(number))
    }

    pub fn transfer(&mut self, from: u32, to: u32, amount: u64) -> Result<(), BankError> {
        let available = self.balance(from)?;
        self.balance(to)?;
        if available < amount {
            return Err(BankError::Insufficient(amount - available));
        }
        for (number, balance) in self.accounts.iter_mut() {
            if *number == from {
                *balance -= amount;
            } else if *number == to {
                *balance += amount;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_money() {
        let mut bank = Bank::default();
        bank.open(1, 50);
        bank.open(2, 0);
        bank.transfer(1, 2, 20).unwrap();
        assert_eq!((bank.balance(1), bank.balance(2)), (Ok(30), Ok(20)));
        assert_eq!(bank.transfer(2, 1, 25), Err(BankError::Insufficient { missing: 5 }));
        assert_eq!(bank.balance(9).unwrap_err().to_string(), "there is no account 9");
    }
}
