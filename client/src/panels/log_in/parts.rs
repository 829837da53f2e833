use super::state::{Fault, Field, Line, LogInState, SingleSignOn, Why};
use crate::i18n::Words;
use chengtu_trust::{Fingerprint, Refusal};

/// What lies on the card, from the top.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// What has happened, beside a bar of warning.
    Warning(String),
    /// What is to be done.
    Told(String),
    /// A line to write on.
    Field(Field),
    /// The certificate's fingerprint, in lines to be compared.
    Fingerprint(Fingerprint),
    /// Why somebody has not come in.
    Fault(String),
    /// The large button.
    Do(Does),
    /// Another way in.
    SingleSignOn(SingleSignOn),
    /// A button to go back.
    Later,
}

/// What the large button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Log in.
    LogIn,
    /// Change the password, and log in.
    Change,
    /// Go to the server that is written.
    Server,
    /// Take the certificate for the server's.
    Trust(Fingerprint),
}

/// The parts of the card as it is now.
pub(super) fn parts(st: &LogInState, line: &Line, w: &Words) -> Vec<Part> {
    if let Some(refusal) = &line.untrusted {
        return of_certificate(st, refusal, line, w);
    }
    let mut parts = Vec::new();
    match &st.open {
        Some(Why::Ended(why)) => {
            parts.push(Part::Warning(w.said(why)));
            parts.push(Part::Told(w.t("log_in.kept").into()));
        }
        Some(Why::LoggedOut) => parts.push(Part::Told(w.t("log_in.logged_out").into())),
        Some(Why::Again) => parts.push(Part::Told(w.t("log_in.again_why").into())),
        Some(Why::NotYet) | None => {}
    }
    if st.must_change {
        parts.push(Part::Told(w.t("log_in.must_change").into()));
    }
    if st.at_browser {
        parts.push(Part::Told(w.t("log_in.at_browser").into()));
    }
    let fields = Field::on_card(st.must_change);
    parts.extend(fields.iter().map(|f| Part::Field(*f)));
    parts.extend(fault_words(st, line, w).map(Part::Fault));
    let elsewhere = st.written.server.trim() != line.server;
    parts.push(Part::Do(match st.must_change {
        _ if elsewhere => Does::Server,
        true => Does::Change,
        false => Does::LogIn,
    }));
    let other = st.single_sign_on.clone().filter(|_| !elsewhere);
    parts.extend(other.map(Part::SingleSignOn));
    if st.open == Some(Why::Again) {
        parts.push(Part::Later);
    }
    parts
}

fn of_certificate(st: &LogInState, refusal: &Refusal, line: &Line, w: &Words) -> Vec<Part> {
    let changed = matches!(refusal, Refusal::Changed { .. });
    let told = if changed {
        Part::Warning(w.t("log_in.certificate_changed").into())
    } else {
        Part::Told(w.t("log_in.certificate_unknown").into())
    };
    let elsewhere = st.written.server.trim() != line.server;
    let does = if elsewhere {
        Does::Server
    } else {
        Does::Trust(refusal.shown())
    };
    vec![
        told,
        Part::Fingerprint(refusal.shown()),
        Part::Told(w.t("log_in.certificate_compare").into()),
        Part::Field(Field::Server),
        Part::Do(does),
    ]
}

fn fault_words(st: &LogInState, line: &Line, w: &Words) -> Option<String> {
    if let Some(wait) = st.wait() {
        return Some(w.n("log_in.wait", wait.as_secs() + 1));
    }
    Some(match st.fault.as_ref()? {
        Fault::Said(text) => w.said(text),
        Fault::Differ => w.t("log_in.differ").into(),
        Fault::Unreachable(why) => w.f(
            "log_in.unreachable",
            &[("server", &line.server), ("why", why)],
        ),
    })
}

/// A fingerprint in lines of eight bytes.
pub(super) fn in_lines(shown: Fingerprint) -> Vec<String> {
    let text = shown.to_string();
    let pairs: Vec<&str> = text.split(':').collect();
    pairs.chunks(8).map(|c| c.join(":")).collect()
}
