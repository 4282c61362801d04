/// One field of a model, as Rust and the wire call it.
#[derive(Debug, Clone, Copy)]
pub struct WireField {
    /// The field's name in Rust; what validator and garde report.
    pub rust: &'static str,
    /// The field's name when it is read from a request.
    pub wire: &'static str,
    /// The fields of the type inside, containers peeled off, when that is a model.
    pub nested: Option<fn() -> &'static [WireField]>,
    /// In a query, header, cookie or form, the literal text `null` stands for null.
    pub null: bool,
    /// In a query, header, cookie or form, one value is a comma-separated list.
    pub commas: bool,
    /// What an uploaded file may be, when the field takes files.
    pub upload: Option<UploadRule>,
}

impl WireField {
    /// A field with the same name on both sides and no special treatment.
    #[must_use]
    pub const fn new(rust: &'static str, wire: &'static str) -> Self {
        Self { rust, wire, nested: None, null: false, commas: false, upload: None }
    }
}

/// What the files of one multipart field may be; checked while they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadRule {
    /// The most bytes one file may have.
    pub max_size: Option<u64>,
    /// The most files in this field.
    pub max_files: Option<usize>,
    /// The media types that are taken, such as `image/png` or `image/*`; empty for any.
    pub accept: &'static [&'static str],
}

/// How a type takes path parameters; compared with the path at compile time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathNames {
    /// The type does not say; anything goes.
    Any,
    /// One value: the path has exactly one parameter.
    Single,
    /// So many values, in order.
    Count(usize),
    /// By name: required names and optional ones.
    Names {
        /// Names that the path must have.
        required: &'static [&'static str],
        /// Names that the path may have.
        optional: &'static [&'static str],
    },
}
