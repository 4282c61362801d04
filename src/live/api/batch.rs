//! Many commands in one request.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    answer::{Broadcasted, Channels, Counts, Done, Fault, Nodes, Page, Present, Published},
    execute::Executor,
    request::{Batch, Command},
};
use crate::Model;

/// What came of the commands, in their order.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveReplies")]
pub(crate) struct Replies {
    /// One for each.
    replies: Vec<Reply>,
}

/// What came of a command: a member called as it, or an error.
#[derive(Debug, Default, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveReply")]
pub(crate) struct Reply {
    /// It was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Fault>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    publish: Option<Published>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    broadcast: Option<Broadcasted>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    subscribe: Option<Done>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    unsubscribe: Option<Done>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect: Option<Done>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<Done>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    presence: Option<Present>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_stats: Option<Counts>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Page>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    history_remove: Option<Done>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<Channels>,
    /// Of the command of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<Nodes>,
}

pub(super) async fn batch(executor: &Executor, batch: Batch) -> Replies {
    let mut replies = Vec::with_capacity(batch.commands.len());
    if batch.parallel {
        let all = batch.commands.into_iter().map(|command| reply(executor, command));
        replies = futures_util::future::join_all(all).await;
    } else {
        for command in batch.commands {
            replies.push(reply(executor, command).await);
        }
    }
    Replies { replies }
}

async fn reply(executor: &Executor, command: Command) -> Reply {
    done(executor, command).await.unwrap_or_else(|error| Reply { error: Some(error), ..Reply::default() })
}

async fn done(executor: &Executor, command: Command) -> Result<Reply, Fault> {
    let mut reply = Reply::default();
    let mut count = 0_usize;
    macro_rules! count {
        ($($name:ident)+) => {$( count += usize::from(command.$name.is_some()); )+};
    }
    count!(publish broadcast subscribe unsubscribe disconnect refresh presence presence_stats history history_remove channels info);
    if count != 1 {
        return Err(Fault::bad("a command has exactly one member"));
    }
    macro_rules! execute {
        ($($name:ident)+) => {$(
            if let Some(command) = command.$name {
                reply.$name = Some(executor.$name(command).await?);
            }
        )+};
    }
    execute!(publish broadcast subscribe unsubscribe disconnect refresh presence presence_stats history history_remove channels info);
    Ok(reply)
}
