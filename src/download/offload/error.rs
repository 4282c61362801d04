use std::path::PathBuf;

use derive_more::{Display, Error};

/// Why an [`Offload`](super::Offload) cannot be configured so.
#[derive(Debug, Display, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OffloadError {
    /// The root does not exist, is no directory, or cannot be read.
    #[display("{} is not a directory that can be read", root.display())]
    Root {
        /// As it was given.
        root: PathBuf,
    },
    /// `/` was given as a root.
    #[display("the whole file system cannot be handed over; name the folders")]
    WholeFileSystem,
    /// One root was mapped twice.
    #[display("{} is mapped already", root.display())]
    RootTwice {
        /// As it was given.
        root: PathBuf,
    },
    /// A prefix for a server that takes URIs.
    #[display(
        "`{prefix}` is not an internal location: it starts and ends with `/`, and between are letters, digits, `-`, `_`, `.` and `/`"
    )]
    Prefix {
        /// As it was given.
        prefix: String,
    },
    /// A directory for a server that takes paths.
    #[display("`{directory}` is not an absolute path without `..`")]
    Directory {
        /// As it was given.
        directory: String,
    },
    /// Two roots share one target.
    #[display("`{target}` is the target of another root already")]
    TargetTwice {
        /// As it was given.
        target: String,
    },
    /// A server that takes URIs was given a root only.
    #[display("this server is told an internal location; say which, with `map`")]
    PrefixMissing,
    /// The header of a custom server.
    #[display("`{header}` is not a header that can name a file")]
    Header {
        /// As it was given.
        header: String,
    },
    /// The character set for `X-Accel-Charset`.
    #[display("`{charset}` is not the name of a character set")]
    Charset {
        /// As it was given.
        charset: String,
    },
    /// Another server than nginx was to fetch files itself.
    #[display("only nginx can fetch files from other servers")]
    Remote,
    /// A name server.
    #[display("`{resolver}` is not the address of a name server")]
    Resolver {
        /// As it was given.
        resolver: String,
    },
    /// Who may be told where files lie.
    #[display("`{peer}` is neither an address nor a network, such as `10.0.0.0/8`")]
    Peer {
        /// As it was given.
        peer: String,
    },
    /// A file with certificates.
    #[display("{} is not an absolute path that nginx's configuration can hold", file.display())]
    Authorities {
        /// As it was given.
        file: PathBuf,
    },
    /// The address of the application, for a configuration fragment.
    #[display("`{upstream}` is not a host and a port")]
    Upstream {
        /// As it was given.
        upstream: String,
    },
    /// The token of a probe.
    #[display("the token of a probe has at least 16 bytes")]
    Token,
    /// The path of a probe.
    #[display("the path of a probe starts with `/`, goes on after it, and has no braces")]
    Probe,
    /// A configuration fragment of a server whose configuration language is not known.
    #[display("there is no configuration to write for this server")]
    NoFragment,
    /// A root that the server's configuration language cannot hold.
    #[display("the path {} cannot stand in this server's configuration", root.display())]
    Unwritable {
        /// The root.
        root: PathBuf,
    },
}
