mod account {
    #[derive(Debug)]
    pub struct Account {
        owner: String,
        balance: i64,
    }

    #[derive(Debug, PartialEq)]
    pub enum Refusal {
        Overdrawn(i64),
    }

    impl Account {
        pub fn open(owner: &str) -> Account {
            Account { owner: owner.to_string(), balance: 0 }
        }

        pub fn owner(&self) -> &str {
            &self.owner
        }

        pub fn deposit(&mut self, amount: i64) {
            self.balance += amount;
        }

        pub fn withdraw(&mut self, amount: i64) -> Result<i64, Refusal> {
            let left = fee::after(self.balance, amount);
            if left < 0 {
                return Err(Refusal::Overdrawn(-left));
            }
            self.balance = left;
            Ok(left)
        }
    }

    mod fee {
        const FEE: i64 = 1;

        pub fn after(balance: i64, amount: i64) -> i64 {
            balance - amount - FEE
        }
    }

    pub mod report {
        use super::Account;

        pub fn line(account: &Account) -> String {
            format!("{}: {}", account.owner, account.balance)
        }
    }
}

pub use account::report::line;
pub use account::{Account, Refusal};

#[test]
fn keeps_accounts() {
    let mut account = Account::open("ann");
    account.deposit(10);
    assert_eq!(account.withdraw(4), Ok(5));
    assert_eq!(account.withdraw(5), Err(Refusal::Overdrawn(1)));
    assert_eq!(line(&account), "ann: 5");
    assert_eq!(account.owner(), "ann");
}
