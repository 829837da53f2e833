use super::simulator::Simulator;
use crate::state::fingerprint;

impl Simulator {
    /// Two simulators with the same number are, except with probability 2⁻⁶⁴, at the same moment, know the same and
    /// will do the same. Cost: the size of the state, about 1 ns a byte.
    pub fn digest(&self) -> u64 {
        let people = (
            &self.staff.crews,
            &self.staff.officer,
            &self.staff.checker,
            &self.truths,
        );
        let life = (&self.arrivals, &self.instruments, &self.recorded);
        let limits = (
            &self.faults.closures,
            &self.faults.dead_feeds,
            &self.faults.failed_units,
        );
        let own = (self.seed, self.now, self.steps, &self.config);
        fingerprint(&(self.state.digest(), own, people, life, limits))
    }
}
