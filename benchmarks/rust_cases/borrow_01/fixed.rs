use std::collections::HashMap;

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub name: String,
    pub quantity: u32,
    pub price_cents: u64,
}

pub struct Inventory {
    items: HashMap<String, Item>,
}

impl Inventory {
    pub fn new() -> Self {
        Inventory { items: HashMap::new() }
    }

    pub fn add(&mut self, item: Item) {
        let key = item.name.clone();
        self.items.insert(key, item);
    }

    pub fn take(&mut self, name: &str, quantity: u32) -> Result<u64, String> {
        let item = self.items.get_mut(name).ok_or(format!("no {name} in stock"))?;
        if item.quantity < quantity {
            return Err(format!("only {} of {} left", item.quantity, item.name));
        }
        item.quantity -= quantity;
        Ok(item.price_cents * u64::from(quantity))
    }

    pub fn worth(&self) -> u64 {
        self.items.values().map(|item| item.price_cents * item.quantity as u64).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Inventory {
        let mut shop = Inventory::new();
        shop.add(Item { name: "nail".to_string(), quantity: 100, price_cents: 3 });
        shop.add(Item { name: "saw".to_string(), quantity: 2, price_cents: 1250 });
        shop
    }

    #[test]
    fn takes_what_is_there() {
        let mut shop = shop();
        assert_eq!(shop.take("nail", 10), Ok(30));
        assert_eq!(shop.worth(), 270 + 2500);
    }

    #[test]
    fn refuses_what_is_not() {
        assert!(shop().take("saw", 3).is_err());
        assert!(shop().take("hammer", 1).is_err());
    }
}
