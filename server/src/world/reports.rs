//! Cases that feeds report.

use super::LiveCity;
use super::commands::NotDone;
use super::tick::Tick;
use crate::request::{CaseRow, Taken};
use chengtu_engine::code::Code;
use chengtu_engine::command::{CaseReport, Command};
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::Actor;

impl LiveCity {
    /// Reports each case in the feed's name.
    ///
    /// # Errors
    /// Why nothing is written any more.
    pub(super) fn take_reports(
        &mut self,
        feed: FeedId,
        rows: Vec<CaseRow>,
        tick: &mut Tick,
    ) -> Result<Taken, String> {
        let mut taken = Taken::default();
        for row in rows {
            let class = self.state.rules().and_then(|r| r.class_by_code(&row.class));
            let Some(class) = class.filter(|c| !self.city.gone.contains(c)) else {
                taken.problems.push(row.row, Code::NoSuchClass, || {
                    format!("there is no case class {:?} in this city", row.class)
                });
                continue;
            };
            let known = self.state.case_of(feed, &row.key);
            let open = self.state.open_cases_of(feed);
            if known.is_none() && open >= self.config.limits.feed_cases_max {
                taken.problems.push(row.row, Code::RowTooMany, || {
                    format!("{open} cases of this feed are open, no more are taken until some have ended (limits.feed_cases_max)")
                });
                continue;
            }
            let address = if row.address.is_empty() && known.is_none() {
                self.city.address(row.position)
            } else {
                row.address
            };
            let command = Command::ReportCase(CaseReport {
                class,
                severity: row.severity,
                position: row.position,
                address,
                note: row.note,
                occurred_at: row.occurred_at.unwrap_or(tick.now),
                filed_at: row.filed_at,
                key: row.key,
            });
            match self.execute(tick, &command, &Actor::Feed(feed), None) {
                Ok((_, case)) => {
                    taken.accepted += 1;
                    taken.cases.extend(case.or(known));
                }
                Err(NotDone::Refused(r)) => {
                    taken.problems.push(row.row, r.code(), || r.to_string());
                }
                Err(NotDone::Stopped(why)) => return Err(why),
            }
        }
        taken.seq = self.state.seq();
        Ok(taken)
    }
}
