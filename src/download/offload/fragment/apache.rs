use std::fmt::Write as _;

use super::{quote, target, unwritable};
use crate::download::offload::{OffloadError, rule::Rule};

pub(super) fn write(rules: &[Rule], upstream: &str) -> Result<String, OffloadError> {
    let mut text = format!(
        "# Within `<VirtualHost ..>`; needs mod_proxy_http and mod_xsendfile. The application says which file, Apache sends it.
ProxyRequests Off
ProxyPreserveHost On
ProxyPass / http://{upstream}/ nocanon
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
