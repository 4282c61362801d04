use std::fmt::Write as _;

use super::{quote, target, unwritable};
use crate::download::offload::{OffloadError, rule::Rule};

pub(super) fn write(rules: &[Rule], upstream: &str) -> Result<String, OffloadError> {
    let mut text = format!(
        "# Within `<VirtualHost ..>`; needs 2.4.47 with mod_proxy_http and mod_xsendfile. The application says which file, Apache sends it.
ProxyRequests Off
ProxyPreserveHost On
# `%2F` within a name arrives as it is, not as a 404: signed links have it.
AllowEncodedSlashes NoDecode
# WebSockets, and no other protocol; quiet for a `ProxyTimeout` (60 s), they are closed.
ProxyPass / http://{upstream}/ nocanon upgrade=websocket
ProxyPassReverse / http://{upstream}/

XSendFile On
# Apache's own would be the same for every file.
FileETag None
"
    );
    for rule in rules {
        let folder = quote::apache(target(rule)?).ok_or_else(|| unwritable(rule))?;
        let _ = writeln!(text, "XSendFilePath {folder}");
    }
    Ok(text)
}
