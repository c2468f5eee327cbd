//! YAML as settings files have it: mappings, lists, and texts, numbers and flags on one line each.
//!
//! What YAML has beyond (anchors, tags, texts of several lines, several documents) is refused by name, never read as something else:
//! whole readers of YAML are larger than all else that reads a model.

mod scalar;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

/// Lists and mappings within each other, at most.
const DEEPEST: usize = 64;

/// Reads a mapping; keys are taken as they are written, and of equal ones the last counts.
///
/// # Errors
/// A clause that begins with the line.
pub(super) fn mapping(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let text = str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    reader.check_characters()?;
    reader.skip_marker()?;
    reader.next_line()?;
    let value = match reader.rest() {
        "" => Value::Null,
        _ => reader.node()?,
    };
    reader.next_line()?;
    if !reader.rest().is_empty() {
        return Err(reader.wrong("is not indented as the entries above it are"));
    }
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err("it has no fields with values".to_string()),
    }
}

struct Reader<'a> {
    text: &'a str,
    /// The next byte to read.
    at: usize,
    /// How many lists and mappings this is in.
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// How far this is from the line's beginning.
    fn column(&self) -> usize {
        let before = &self.text[..self.at];
        self.at - before.rfind(['\n', '\r']).map_or(0, |end| end + 1)
    }

    /// The error that something is wrong on this line.
    fn wrong(&self, problem: &str) -> String {
        let line = self.text[..self.at].matches('\n').count() + 1;
        format!("line {line} {problem}")
    }

    /// No characters that other readers refuse or take for the end of a line, and one document.
    fn check_characters(&mut self) -> Result<(), String> {
        for (at, character) in self.text.char_indices() {
            self.at = at;
            let breaks = matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}');
            if breaks || character.is_control() && !matches!(character, '\t' | '\n' | '\r') {
                return Err(self.wrong("has a character that no text has"));
            }
            let mut before = self.text[..at].split(['\n', '\r']).map(str::trim_start);
            if self.starts_line(at)
                && (self.is_marker("...")
                    || self.is_marker("---")
                        && before.any(|line| !line.is_empty() && !line.starts_with('#')))
            {
                return Err(self.wrong("ends a document, and one is read"));
            }
        }
        self.at = 0;
        Ok(())
    }

    fn starts_line(&self, at: usize) -> bool {
        at == 0 || matches!(self.text.as_bytes()[at - 1], b'\n' | b'\r')
    }

    fn is_marker(&self, marker: &str) -> bool {
        let after = self.rest().strip_prefix(marker);
        after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t', '\n', '\r']))
    }

    /// The line that a document may begin with.
    fn skip_marker(&mut self) -> Result<(), String> {
        self.next_line()?;
        if self.column() == 0 && self.is_marker("---") {
            self.at += 3;
            self.end_line()?;
        }
        Ok(())
    }

    /// Spaces, and a comment behind them.
    fn skip_spaces(&mut self) {
        let rest = self.rest();
        let after = rest.trim_start_matches([' ', '\t']);
        self.at += rest.len() - after.len();
        let apart = self.at == 0 || self.text.as_bytes()[self.at - 1].is_ascii_whitespace();
        if apart && after.starts_with('#') {
            self.at += after.find(['\n', '\r']).unwrap_or(after.len());
        }
    }

    fn is_at_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b'\r'))
    }

    /// Nothing but a comment is left on this line.
    fn end_line(&mut self) -> Result<(), String> {
        self.skip_spaces();
        match self.is_at_end() {
            true => Ok(()),
            false => Err(self.wrong("goes on after a value")),
        }
    }

    /// On to the next line that says something, behind its indentation.
    fn next_line(&mut self) -> Result<(), String> {
        loop {
            let line = self.at;
            self.skip_spaces();
            let skipped = self.text[line..self.at].trim_start_matches(' ');
            let indents = self.starts_line(line) || self.text[..line].ends_with('-');
            if indents && skipped.starts_with('\t') {
                return Err(self.wrong("is indented by a tab, where YAML has spaces"));
            }
            if !matches!(self.peek(), Some(b'\n' | b'\r')) {
                return Ok(());
            }
            self.at += 1;
        }
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("has too many lists or mappings within each other"));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Whether an indicator such as `-` stands here by itself.
    fn is_alone(&self, indicator: char) -> bool {
        let after = self.rest().strip_prefix(indicator);
        after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t', '\n', '\r']))
    }

    /// What begins here and goes on below: a list, a mapping or one value.
    fn node(&mut self) -> Result<Value, String> {
        let column = self.column();
        if self.is_alone('-') {
            return self.deeper(|reader| reader.list(column));
        }
        if matches!(self.peek(), Some(b'[' | b'{')) {
            return self.flow_to_end();
        }
        let first = self.scalar(false)?;
        self.skip_inner();
        if self.is_alone(':') {
            return self.deeper(|reader| reader.entries(column, first.text.into_owned()));
        }
        self.end_line()?;
        first.value().map_err(|problem| self.wrong(problem))
    }

    /// Spaces within a line, which no comment follows.
    fn skip_inner(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    fn flow_to_end(&mut self) -> Result<Value, String> {
        let value = self.flow()?;
        self.end_line()?;
        Ok(value)
    }

    /// A list whose dashes stand in this column.
    fn list(&mut self, column: usize) -> Result<Value, String> {
        let mut list = Vec::new();
        while self.is_alone('-') && self.column() == column {
            self.at += 1;
            self.next_line()?;
            let is_inside = self.column() > column && !self.rest().is_empty();
            list.push(match is_inside {
                true => self.node()?,
                false => Value::Null,
            });
            self.next_line()?;
        }
        Ok(Value::Array(list))
    }

    /// A mapping whose keys stand in this column, from behind its first key.
    fn entries(&mut self, column: usize, mut key: String) -> Result<Value, String> {
        let mut fields = Map::new();
        loop {
            self.at += 1;
            self.skip_spaces();
            let value = match self.is_at_end() {
                true => self.below(column)?,
                false if matches!(self.peek(), Some(b'[' | b'{')) => self.flow_to_end()?,
                false => {
                    if self.is_alone('-') {
                        return Err(self.wrong("begins a list behind a key"));
                    }
                    let scalar = self.scalar(false)?;
                    self.end_line()?;
                    scalar.value().map_err(|problem| self.wrong(problem))?
                }
            };
            fields.insert(key, value);
            self.next_line()?;
            if self.rest().is_empty() || self.column() != column {
                return Ok(Value::Object(fields));
            }
            if self.is_alone('-') {
                return Err(self.wrong("begins a list where a key is needed"));
            }
            key = self.scalar(false)?.text.into_owned();
            self.skip_inner();
            if !self.is_alone(':') {
                return Err(self.wrong("has no colon behind a key"));
            }
        }
    }

    /// What stands below a key of this column: more to the right, or a list right below it.
    fn below(&mut self, column: usize) -> Result<Value, String> {
        let key = self.at;
        self.next_line()?;
        let inside = self.column() > column || self.column() == column && self.is_alone('-');
        if inside && !self.rest().is_empty() {
            return self.node();
        }
        self.at = key;
        Ok(Value::Null)
    }

    /// A list or a mapping in brackets, or a value in one.
    fn flow(&mut self) -> Result<Value, String> {
        match self.peek() {
            Some(b'[') => self.deeper(Self::flow_list),
            Some(b'{') => self.deeper(Self::flow_mapping),
            _ => {
                let scalar = self.scalar(true)?;
                scalar.value().map_err(|problem| self.wrong(problem))
            }
        }
    }

    /// On to what comes next between brackets, on this line or another.
    fn next_in_flow(&mut self) -> Result<u8, String> {
        loop {
            self.skip_spaces();
            match self.peek() {
                None => return Err(self.wrong("ends within brackets")),
                Some(b'\n' | b'\r') => self.at += 1,
                Some(byte) => return Ok(byte),
            }
        }
    }

    fn flow_list(&mut self) -> Result<Value, String> {
        let mut list = Vec::new();
        self.at += 1;
        while self.next_in_flow()? != b']' {
            list.push(self.flow()?);
            self.next_item(b']')?;
        }
        self.at += 1;
        Ok(Value::Array(list))
    }

    /// Past the comma behind an item, or on to the bracket that ends them.
    fn next_item(&mut self, end: u8) -> Result<(), String> {
        match self.next_in_flow()? {
            b',' => self.at += 1,
            other if other == end => {}
            _ => return Err(self.wrong("has no comma between two items")),
        }
        Ok(())
    }

    fn flow_mapping(&mut self) -> Result<Value, String> {
        let mut fields = Map::new();
        self.at += 1;
        while self.next_in_flow()? != b'}' {
            let key = self.scalar(true)?;
            self.skip_inner();
            let mut value = Value::Null;
            if self.is_alone(':') || key.quoted && self.peek() == Some(b':') {
                self.at += 1;
                if !matches!(self.next_in_flow()?, b',' | b'}') {
                    value = self.flow()?;
                }
            }
            fields.insert(key.text.into_owned(), value);
            self.next_item(b'}')?;
        }
        self.at += 1;
        Ok(Value::Object(fields))
    }
}
