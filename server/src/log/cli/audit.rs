use super::keep::store_at;
use super::print::{is_broken_pipe, moment};
use crate::log::Describer;
use crate::log::describe::act_words;
use crate::{plain, say};
use anyhow::Result;
use chengtu_engine::audit::{Audit, AuditAct};
use chengtu_engine::event::Event;
use chengtu_engine::model::{Actor, desk_parts};
use chengtu_engine::record::{Body, Record};
use chengtu_engine::time::Timestamp;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Print who came and went, who was refused, who looked at what is masked, who took data out, what was configured; of a
/// person also what they did in the city. Also while a server writes the log.
#[derive(Clone, Debug, clap::Args)]
pub struct AuditArgs {
    /// Where the log is kept.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Only what this person did: a name as it stands in the log, or an identity like user:li.
    #[arg(long, value_name = "NAME")]
    pub person: Option<String>,
    /// From this moment on: RFC 3339, or the city's own time like "2026-11-22 02:13:07".
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Up to this moment.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Only who was shown what is masked; with --case, of that case.
    #[arg(long)]
    pub saw: bool,
    /// Only what is about this case.
    #[arg(long, value_name = "N")]
    pub case: Option<u64>,
    /// As JSON, one act a line, instead of words.
    #[arg(long)]
    pub json: bool,
}

/// Who runs this command, as the log names them: `machine:root`.
pub fn machine_user() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.is_empty());
    // The environment can say anything; the number cannot.
    format!("machine:{}{}", named.unwrap_or_default(), uid())
}

#[cfg(target_os = "linux")]
fn uid() -> String {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").map_or(String::new(), |own| format!("({})", own.uid()))
}

#[cfg(not(target_os = "linux"))]
fn uid() -> String {
    String::new()
}

/// One line of the report.
struct Line<'a> {
    record: &'a Record,
    /// What is kept beside the city; `None` for an act in it.
    audit: Option<&'a Audit>,
    words: String,
}

impl AuditArgs {
    /// Prints to standard output.
    ///
    /// # Errors
    /// In words: a directory without a log, a time that is none, a damaged record.
    pub fn run(self) -> Result<()> {
        let out = std::io::stdout().lock();
        match self.print(&mut std::io::BufWriter::new(out)) {
            Err(e) if e.downcast_ref().is_some_and(is_broken_pipe) => Ok(()),
            other => other,
        }
    }

    /// Prints to anything.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn print(&self, out: &mut impl Write) -> Result<()> {
        let history = store_at(&self.data)?.log_history()?;
        let mut describer = Describer::default();
        if let Some(offset_s) = history.offset_s() {
            describer.set_offset_s(offset_s);
        }
        let time = |t: &Option<String>| t.as_deref().map(|t| moment(t, describer.offset_s()));
        let from = time(&self.from).transpose()?.unwrap_or(Timestamp(i64::MIN));
        let to = time(&self.to).transpose()?.unwrap_or(Timestamp(i64::MAX));
        let mut result = Ok(());
        // From the beginning, to know the names.
        history.scan(0, false, |record| {
            if record.known_at > to {
                return false;
            }
            result = self.record(&record, from, &mut describer, out);
            result.is_ok()
        })?;
        result?;
        Ok(out.flush()?)
    }

    fn record(
        &self,
        record: &Record,
        from: Timestamp,
        describer: &mut Describer,
        out: &mut impl Write,
    ) -> Result<()> {
        let described = describer.describe(record);
        let (Body::Events(events) | Body::Observations(_, events)) = &record.body else {
            return Ok(());
        };
        if record.known_at < from {
            return Ok(());
        }
        // Readings are described before the events.
        let of_events = described.len().saturating_sub(events.len());
        for (event, said) in events.iter().zip(&described[of_events..]) {
            let audit = match event {
                Event::Audited(audit) => Some(&**audit),
                _ => None,
            };
            let about = self
                .case
                .is_none_or(|c| said.cases.iter().any(|s| s.0 == c));
            if !about || !self.wants(record, audit, describer) {
                continue;
            }
            let line = Line {
                record,
                audit,
                words: audit.map_or_else(|| said.words.clone(), |a| act_words(&a.act)),
            };
            line.print(self.json, describer, out)?;
        }
        Ok(())
    }

    fn wants(&self, record: &Record, audit: Option<&Audit>, describer: &Describer) -> bool {
        let looked = audit.is_some_and(|a| matches!(a.act, AuditAct::Unmasked { .. }));
        if self.saw && !looked {
            return false;
        }
        match &self.person {
            None => audit.is_some(),
            Some(person) => is_of(person, record, audit, describer),
        }
    }
}

/// Whether an act is a person's, by their name, the name of their desk, their identity or its last part.
fn is_of(person: &str, record: &Record, audit: Option<&Audit>, describer: &Describer) -> bool {
    let is = |name: &str| name == person;
    let by_actor = match &record.origin.actor {
        Actor::Operator(name) => is(name) || is(desk_parts(name).0),
        Actor::System => false,
        other => is(&describer.actor(other)),
    };
    let by_identity = audit.is_some_and(|a| {
        let (_, last) = a.who.split_once(':').unwrap_or(("", &a.who));
        !a.who.is_empty() && (is(&a.who) || is(last) || is(last.split('(').next().unwrap_or(last)))
    });
    let by_name = matches!(
        audit.map(|a| &a.act),
        Some(AuditAct::LogInRefused { name, .. } | AuditAct::AccountChanged { account: name, .. })
            if is(name)
    );
    by_actor || by_identity || by_name
}

impl Line<'_> {
    fn print(&self, as_json: bool, describer: &Describer, out: &mut impl Write) -> Result<()> {
        let actor = &self.record.origin.actor;
        let who = match self.audit {
            Some(a) if !a.who.is_empty() && *actor == Actor::System => a.who.clone(),
            Some(a) if !a.who.is_empty() => format!("{} ({})", describer.actor(actor), a.who),
            _ => describer.actor(actor),
        };
        let at = self.audit.map_or(self.record.known_at, |a| a.at);
        if as_json {
            let value = json!({
                "seq": self.record.seq,
                "known_at": describer.time(self.record.known_at),
                "at": describer.time(at),
                "actor": actor,
                "who": self.audit.map_or("", |a| a.who.as_str()),
                "from": self.audit.map_or("", |a| a.from.as_str()),
                "kind": self.audit.map_or("act", |a| kind(&a.act)),
                "act": self.audit.map(|a| fields(&a.act, describer)),
                "words": self.words,
            });
            writeln!(out, "{value}")?;
            return Ok(());
        }
        let from = match self.audit.map_or("", |a| a.from.as_str()) {
            "" => String::new(),
            from => format!(" [{from}]"),
        };
        let words = say::words(&self.words);
        let (who, words) = (plain::line(&who), plain::line(&words));
        writeln!(
            out,
            "{} #{} {who}{from}: {words}",
            describer.time(at),
            self.record.seq
        )?;
        Ok(())
    }
}

/// The word for programs.
fn kind(act: &AuditAct) -> &'static str {
    match act {
        AuditAct::LoggedIn { .. } => "logged_in",
        AuditAct::LoggedOut { .. } => "logged_out",
        AuditAct::LogInRefused { .. } => "log_in_refused",
        AuditAct::AccountChanged { .. } => "account_changed",
        AuditAct::PermissionRefused { .. } => "permission_refused",
        AuditAct::Exported { .. } => "exported",
        AuditAct::ConfigurationChanged { .. } => "configuration_changed",
        AuditAct::Unmasked { .. } => "unmasked",
        AuditAct::LookedAt { .. } => "looked_at",
    }
}

/// What an act says, field by field, for programs.
fn fields(act: &AuditAct, describer: &Describer) -> serde_json::Value {
    match act {
        AuditAct::LoggedIn { role, count } => json!({"role": role, "count": count}),
        AuditAct::LoggedOut { why, count } => json!({"why": why, "count": count}),
        AuditAct::LogInRefused { name, why, count } => {
            json!({"name": name, "why": why, "count": count})
        }
        AuditAct::AccountChanged { account, what } => json!({"account": account, "what": what}),
        AuditAct::PermissionRefused { what, count } | AuditAct::LookedAt { what, count } => {
            json!({"what": what, "count": count})
        }
        AuditAct::Exported {
            what,
            from,
            to,
            rows,
        } => {
            let (from, to) = (describer.time(*from), describer.time(*to));
            json!({"what": what, "from": from, "to": to, "rows": rows})
        }
        AuditAct::ConfigurationChanged { digests, changed } => {
            json!({"digests": digests, "changed": changed})
        }
        AuditAct::Unmasked {
            case,
            what,
            purpose,
        } => json!({"case": case, "what": what, "purpose": purpose}),
    }
}
