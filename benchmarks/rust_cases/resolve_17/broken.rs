#[derive(Debug)]
pub struct Book {
    pub title: String,
    pub year: u16,
    pub borrowed_by: Option<String>,
}

pub struct Library {
    books: Vec<Book>,
}

impl Library {
    pub fn with(titles: &[(&str, u16)]) -> Library {
        let books = titles
            .iter()
            .map(|(title, year)| Book { title: title.to_string(), year: *year, borrowed_by: None })
            .collect();
        Library { books }
    }

    fn find(&mut self, title: &str) -> Option<&mut Book> {
        self.books.iter_mut().find(|book| book.title == title)
    }

    pub fn lend(&mut self, title: &str, reader: &str) -> bool {
        match self.find(title) {
            Some(book) if book.borrowed_by.is_none() => {
                book.borrowed_by = Some(reader.to_string());
                true
            }
            _ => false,
        }
    }

    pub fn give_back(&mut self, title: &str) -> Option<String> {
        let book = find(title)?;
        book.borrowed_by.take()
    }

    pub fn available(&self) -> Vec<&str> {
        self.books.iter().filter(|book| book.borrowed_by.is_none()).map(|book| book.title.as_str()).collect()
    }

    pub fn oldest(&self) -> Option<&Book> {
        let mut oldest = self.books.first()?;
        for book in &self.books {
            if book.year < oldest.year {
                oldest = book;
            }
        }
        Some(oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lends() {
        let mut library = Library::with(&[("Emma", 1815), ("Ulysses", 1922)]);
        assert!(library.lend("Emma", "kim"));
        assert!(!library.lend("Emma", "lee"));
        assert_eq!(library.available(), ["Ulysses"]);
        assert_eq!(library.give_back("Emma"), Some("kim".to_string()));
        assert_eq!(library.oldest().unwrap().title, "Emma");
    }
}
