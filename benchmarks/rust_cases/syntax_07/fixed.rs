pub fn shift_letter(letter: char, by: u8) -> char {
    let base = if letter.is_ascii_lowercase() {
        b'a'
    } else if letter.is_ascii_uppercase() {
        b'A'
    } else {
        return letter;
    };
    let moved = (letter as u8 - base + by) % 26 + base;
    moved as char
}

pub fn encrypt(text: &str, key: u8) -> String {
    text.chars().map(|letter| shift_letter(letter, key % 26)).collect()
}

pub fn decrypt(text: &str, key: u8) -> String {
    encrypt(text, 26 - key % 26)
}

pub fn crack(text: &str, known: &str) -> Option<u8> {
    for key in 0..26 {
        if decrypt(text, key).contains(known) {
            return Some(key);
        }
    }
    None
}

#[test]
fn round_trip() {
    assert_eq!(encrypt("Hello, World!", 3), "Khoor, Zruog!");
    assert_eq!(decrypt("Khoor, Zruog!", 3), "Hello, World!");
    assert_eq!(crack("Khoor", "Hello"), Some(3));
}
