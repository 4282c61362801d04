use super::{quote, target, unwritable};
use crate::download::offload::{OffloadError, rule::Rule};

pub(super) fn write(rules: &[Rule], upstream: &str) -> Result<String, OffloadError> {
    let (host, port) = upstream.rsplit_once(':').unwrap_or((upstream, "80"));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let folders = rules
        .iter()
        .map(|rule| quote::lighttpd(target(rule)?).ok_or_else(|| unwritable(rule)))
        .collect::<Result<Vec<_>, _>>()?
        .join(", ");
    Ok(format!(
        "# Needs mod_proxy. The application says which file, lighttpd sends it.
# What the application sends itself comes through at once. Without this line lighttpd gathers it first, and gives away an
# answer of unknown length that broke off as if it were whole.
server.stream-response-body = 1
# `%2F` within a name arrives as it is, not as `/`: signed links have it. lighttpd wants this outside of all conditions.
server.http-parseopts = ( \"url-path-2f-decode\" => \"disable\" )
# WebSockets.
proxy.header = ( \"upgrade\" => \"enable\" )
proxy.server = ( \"\" => ((
    \"host\" => \"{host}\",
    \"port\" => {port},
    \"x-sendfile\" => \"enable\",
    # Without this line every file that lighttpd can read could be sent.
    \"x-sendfile-docroot\" => ( {folders} )
)) )
"
    ))
}
