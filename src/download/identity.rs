/// What a file from elsewhere is called: the same for the same file, whoever asks for it and whenever.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(feature = "download-cache"), allow(dead_code, reason = "the cache reads it"))]
pub(crate) struct Identity {
    /// Who gave the name; no two kinds of source share one.
    pub(crate) kind: &'static str,
    /// Which of several places of that kind, such as a storage's name.
    pub(crate) place: String,
    pub(crate) key: String,
}
