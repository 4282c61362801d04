/// Writes the fields of one message. Names are JSON's, tags are Protobuf's.
///
/// What is empty, zero or false is left out, as Protobuf means it; what a JSON client reads without asking whether it is there
/// has a method that says `always`.
pub(super) trait Fields: Sized {
    fn text(&mut self, name: &'static str, tag: u32, value: &str) {
        if !value.is_empty() {
            self.text_always(name, tag, value);
        }
    }

    fn text_always(&mut self, name: &'static str, tag: u32, value: &str);

    fn uint(&mut self, name: &'static str, tag: u32, value: u64) {
        if value != 0 {
            self.uint_always(name, tag, value);
        }
    }

    fn uint_always(&mut self, name: &'static str, tag: u32, value: u64);

    /// An `int64`.
    fn int(&mut self, name: &'static str, tag: u32, value: i64);

    fn flag(&mut self, name: &'static str, tag: u32, value: bool);

    /// JSON as it is, or any bytes.
    fn data(&mut self, name: &'static str, tag: u32, value: &[u8]) {
        if !value.is_empty() {
            self.data_always(name, tag, value);
        }
    }

    fn data_always(&mut self, name: &'static str, tag: u32, value: &[u8]);

    /// A JSON string of these bytes, or the bytes.
    fn quoted(&mut self, name: &'static str, tag: u32, value: &[u8]);

    /// A message in the message. `hint` is about how long it will be.
    fn message(&mut self, name: &'static str, tag: u32, hint: usize, write: impl FnOnce(&mut Self));

    /// An array of messages, written also when it is empty.
    fn list<T>(
        &mut self,
        name: &'static str,
        tag: u32,
        items: impl Iterator<Item = T>,
        write: impl Fn(&mut Self, T),
    );

    /// A map to messages, written also when it is empty.
    fn map<'k, T>(
        &mut self,
        name: &'static str,
        tag: u32,
        entries: impl Iterator<Item = (&'k str, T)>,
        write: impl Fn(&mut Self, T),
    );

    /// A map to texts.
    fn text_map<'k>(
        &mut self,
        name: &'static str,
        tag: u32,
        entries: impl Iterator<Item = (&'k str, &'k str)>,
    );
}
