#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suit {
    Clubs,
    Diamonds,
    Hearts,
    Spades,
}

const SUITS: [Suit; 4] = [Suit::Clubs, Suit::Diamonds, Suit::Hearts, Suit::Spades];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Card {
    pub rank: u8,
    pub suit: Suit,
}

pub fn deck() -> Vec<Card> {
    let mut cards = Vec::with_capacity(52);
    for suit in SUITS {
        for rank in 1..=13 {
            cards.push(Card { rank, suit });
        }
    }
    cards
}

/// A linear congruential generator: enough to shuffle for a test.
pub struct Random {
    state: u64,
}

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.state >> 33) as usize % limit
    }
}

pub fn shuffle(cards: &mut [Card], seed: u64) {
    let mut random = Random { state: seed };
    for last in (1..cards.len()).rev() {
        let other = random.below(last + 1);
        cards.swap(last, other);
    }
}

pub fn name(card: Card) -> String {
    let rank = match card.rank {
        1 => "ace".to_string(),
        11 => "jack".to_string(),
        12 => "queen".to_string(),
        13 => "king".to_string(),
        number @ 2..=10 => number.to_string(),
        _ => panic!("there is no such card"),
    };
    format!("{rank} of {:?}", card.suit).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_all_cards() {
        let mut cards = deck();
        shuffle(&mut cards, 42);
        assert_ne!(cards, deck());
        cards.sort_by_key(|card| (card.suit, card.rank));
        assert_eq!(cards, deck());
        assert_eq!(name(Card { rank: 12, suit: Suit::Hearts }), "queen of hearts");
    }
}
