use super::fields::Fields;

/// Writes an object.
pub(super) struct JsonFields<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> JsonFields<'a> {
    pub(super) fn object(out: &'a mut Vec<u8>, write: impl FnOnce(&mut Self)) {
        out.push(b'{');
        let mut fields = Self { out };
        write(&mut fields);
        fields.out.push(b'}');
    }

    /// No value ends with a brace that opens, so what is written tells whether this is the first field.
    fn comma_after(&mut self, opening: u8) {
        if self.out.last() != Some(&opening) {
            self.out.push(b',');
        }
    }

    fn name(&mut self, name: &'static str) {
        self.comma_after(b'{');
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn value(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        // Neither texts and numbers nor a vector can fail.
        let _ = serde_json::to_writer(&mut *self.out, value);
    }

    fn nested(&mut self, write: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        write(self);
        self.out.push(b'}');
    }
}

impl Fields for JsonFields<'_> {
    fn text_always(&mut self, name: &'static str, _: u32, value: &str) {
        self.name(name);
        self.value(value);
    }

    fn uint_always(&mut self, name: &'static str, _: u32, value: u64) {
        self.name(name);
        self.value(&value);
    }

    fn int(&mut self, name: &'static str, _: u32, value: i64) {
        if value != 0 {
            self.name(name);
            self.value(&value);
        }
    }

    fn flag(&mut self, name: &'static str, _: u32, value: bool) {
        if value {
            self.name(name);
            self.out.extend_from_slice(b"true");
        }
    }

    fn data_always(&mut self, name: &'static str, _: u32, value: &[u8]) {
        self.name(name);
        if value.is_empty() {
            self.out.extend_from_slice(b"null");
            return;
        }
        let start = self.out.len();
        self.out.extend_from_slice(value);
        // A line is a message, and to event streams a carriage return ends a line, too. Inside of strings JSON has neither as
        // it is, so they are white space.
        if value.iter().fold(false, |found, byte| found | matches!(byte, b'\n' | b'\r')) {
            for byte in self.out.iter_mut().skip(start) {
                if matches!(byte, b'\n' | b'\r') {
                    *byte = b' ';
                }
            }
        }
    }

    fn quoted(&mut self, name: &'static str, _: u32, value: &[u8]) {
        self.name(name);
        match std::str::from_utf8(value) {
            Ok(text) => self.value(text),
            Err(_) => self.value(&String::from_utf8_lossy(value)),
        }
    }

    fn message(&mut self, name: &'static str, _: u32, _: usize, write: impl FnOnce(&mut Self)) {
        self.name(name);
        self.nested(write);
    }

    fn list<T>(
        &mut self,
        name: &'static str,
        _: u32,
        items: impl Iterator<Item = T>,
        write: impl Fn(&mut Self, T),
    ) {
        self.name(name);
        self.out.push(b'[');
        for item in items {
            self.comma_after(b'[');
            self.nested(|fields| write(fields, item));
        }
        self.out.push(b']');
    }

    fn map<'k, T>(
        &mut self,
        name: &'static str,
        _: u32,
        entries: impl Iterator<Item = (&'k str, T)>,
        write: impl Fn(&mut Self, T),
    ) {
        self.name(name);
        self.nested(|map| {
            for (key, item) in entries {
                map.comma_after(b'{');
                map.value(key);
                map.out.push(b':');
                map.nested(|fields| write(fields, item));
            }
        });
    }

    fn text_map<'k>(
        &mut self,
        name: &'static str,
        _: u32,
        entries: impl Iterator<Item = (&'k str, &'k str)>,
    ) {
        self.name(name);
        self.nested(|map| {
            for (key, value) in entries {
                map.comma_after(b'{');
                map.value(key);
                map.out.push(b':');
                map.value(value);
            }
        });
    }
}
