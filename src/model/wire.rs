/// One field of a model, as Rust and the wire call it.
///
/// A field with an empty `wire` name is *flattened*: the fields of `nested` stand in its place. [`WireField::resolve`]
/// puts them there.
#[derive(Debug, Clone, Copy)]
pub struct WireField {
    /// The field's name in Rust; what validator and garde report.
    pub rust: &'static str,
    /// The field's name when it is read from a request; empty when the field is flattened.
    pub wire: &'static str,
    /// The fields of the type inside, containers peeled off, when that is a model.
    pub nested: Option<fn() -> &'static [Self]>,
    /// How many maps with free keys lie between the field and `nested`.
    pub maps: usize,
    /// The wire name of the field that this one must equal.
    pub must_match: Option<&'static str>,
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
        Self { rust, wire, nested: None, maps: 0, must_match: None, null: false, commas: false, upload: None }
    }

    /// Whether the fields of `nested` stand in this field's place.
    #[must_use]
    pub const fn is_flattened(&self) -> bool {
        self.wire.is_empty()
    }

    /// All fields with a name on the wire, flattened ones replaced by what they hold.
    ///
    /// ```
    /// use actix_charter::model::WireField;
    /// const INNER: &[WireField] = &[WireField::new("page", "page")];
    /// const OUTER: &[WireField] = &[
    ///     WireField::new("sort_by", "sortBy"),
    ///     WireField { nested: Some(|| INNER), ..WireField::new("paging", "") },
    /// ];
    /// let names: Vec<_> = WireField::resolve(OUTER).iter().map(|field| field.wire).collect();
    /// assert_eq!(names, ["sortBy", "page"]);
    /// ```
    #[must_use]
    pub fn resolve(fields: &'static [Self]) -> Vec<&'static Self> {
        /// A type that flattens itself cannot be read anyway; it must not hang us.
        const DEEPEST: usize = 16;
        fn walk(fields: &'static [WireField], depth: usize, all: &mut Vec<&'static WireField>) {
            for field in fields {
                if !field.is_flattened() {
                    all.push(field);
                } else if let Some(nested) = field.nested.filter(|_| depth < DEEPEST) {
                    walk(nested(), depth + 1, all);
                }
            }
        }
        let mut all = Vec::with_capacity(fields.len());
        walk(fields, 0, &mut all);
        all
    }

    /// The first field whose wire name fits, flattened ones looked into. Allocates nothing.
    pub(crate) fn find(fields: &'static [Self], fits: &dyn Fn(&str) -> bool) -> Option<&'static Self> {
        fields.iter().find_map(|field| match field.nested {
            Some(nested) if field.is_flattened() => Self::find(nested(), fits),
            _ => fits(field.wire).then_some(field),
        })
    }

    /// The field that Rust calls `name`, with or without `r#`.
    #[cfg(any(feature = "validator", feature = "garde"))]
    pub(crate) fn of_rust(fields: &'static [Self], name: &str) -> Option<&'static Self> {
        let name = name.strip_prefix("r#").unwrap_or(name);
        fields.iter().find(|field| field.rust == name)
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
