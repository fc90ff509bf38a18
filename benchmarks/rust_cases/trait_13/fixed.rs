use std::collections::HashMap;
use std::num::ParseIntError;

#[derive(Debug)]
pub enum ConfigError {
    Missing(String),
    Number(ParseIntError),
}

impl From<ParseIntError> for ConfigError {
    fn from(error: ParseIntError) -> Self {
        ConfigError::Number(error)
    }
}

pub struct Config {
    values: HashMap<String, String>,
}

impl Config {
    pub fn parse(text: &str) -> Config {
        let mut values = HashMap::new();
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some((key, value)) = line.split_once('=') {
                values.insert(key.trim().to_string(), value.trim().to_string());
            }
        }
        Config { values }
    }

    pub fn text(&self, key: &str) -> Result<&str, ConfigError> {
        match self.values.get(key) {
            Some(value) => Ok(value.as_str()),
            None => Err(ConfigError::Missing(key.to_string())),
        }
    }

    pub fn number(&self, key: &str) -> Result<i64, ConfigError> {
        let number = self.text(key)?.parse::<i64>()?;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads() {
        let config = Config::parse("# a comment\nport = 8080\nhost= example \n");
        assert_eq!(config.number("port").unwrap(), 8080);
        assert_eq!(config.text("host").unwrap(), "example");
        assert!(matches!(config.number("host"), Err(ConfigError::Number(_))));
        assert!(matches!(config.text("user"), Err(ConfigError::Missing(key)) if key == "user"));
    }
}
