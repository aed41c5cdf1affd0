//! How much of the spread is lack of knowledge and how much is luck.

use melian_engine::distribution::student_t;

use crate::sample::{DrawTable, Scrambles};

/// The analysis of variance of futures by draw.
///
/// # Method
/// One-way random effects: the value of a future is its draw's mean plus luck. With mean squares between and within draws, the
/// variance between draws is `(between - within) / n`, set to zero where negative, with `n` the (effective) number of
/// replications. The raw variance of the draws' means would count luck as lack of knowledge.
///
/// # Source
/// Searle, S. R., Casella, G. and McCulloch, C. E. (1992), *Variance Components*, Wiley, chapter 3 (with unequal numbers of replications).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variance {
    /// Mean over all values, less the table's reference.
    pub mean: f64,
    /// Mean square between draws.
    pub between: f64,
    /// Mean square within draws; its root is the standard deviation of luck. NaN with one replication.
    pub within: f64,
    /// Effective number of replications.
    pub replications: f64,
    /// Number of draws with a value.
    pub draws: usize,
}

impl Variance {
    /// Analyses the draws of some scrambles.
    pub fn of(table: &DrawTable, scrambles: Scrambles) -> Variance {
        let chosen = || {
            let draws = table.draws.iter().enumerate();
            draws
                .filter(move |(d, draw)| draw.count > 0 && scrambles.contain(*d))
                .map(|(_, draw)| draw)
        };
        let (mut draws, mut values, mut values_squared, mut sum) = (0_usize, 0.0, 0.0, 0.0);
        for draw in chosen() {
            let count = f64::from(draw.count);
            draws += 1;
            values += count;
            values_squared += count * count;
            sum += count * draw.mean;
        }
        let mean = sum / values;
        let (mut between, mut within) = (0.0, 0.0);
        for draw in chosen() {
            let deviation = draw.mean - mean;
            between += f64::from(draw.count) * deviation * deviation;
            within += draw.squares;
        }
        let free_between = draws as f64 - 1.0;
        let free_within = values - draws as f64;
        Variance {
            mean,
            between: between / free_between,
            within: if free_within > 0.0 {
                within / free_within
            } else {
                f64::NAN
            },
            replications: (values - values_squared / values) / free_between,
            draws,
        }
    }

    /// Returns the standard deviation between draws: lack of knowledge. NaN if it cannot be told from luck.
    pub fn knowledge_sd(&self) -> f64 {
        self.sd_between(self.between)
    }

    /// Returns the standard deviation within draws: luck.
    pub fn luck_sd(&self) -> f64 {
        self.within.sqrt()
    }

    /// Returns by how much a draw's mean is drawn towards the grand mean, so that the corrected means vary as draws do.
    ///
    /// # Source
    /// Louis, T. A. (1984), "Estimating a population of parameter values using Bayes and empirical Bayes methods", *Journal of the
    /// American Statistical Association* 79, 393-398: shrinkage that keeps the variance right, for shares above a threshold.
    pub fn shrinkage(&self) -> f64 {
        self.shrinkage_to(self.knowledge_sd())
    }

    /// Returns by how much a draw's mean is drawn towards the grand mean, so that the corrected means have this standard deviation. With
    /// one replication nothing is corrected.
    pub fn shrinkage_to(&self, knowledge_sd: f64) -> f64 {
        if self.between > 0.0 && !self.within.is_nan() {
            knowledge_sd / (self.between / self.replications).sqrt()
        } else {
            1.0
        }
    }

    /// Returns a 90% interval of [`Variance::knowledge_sd`] for the table it was computed from.
    ///
    /// # Method
    /// The logarithm of the variance ratio has the jackknife's standard error over draws (its infinitesimal form, which stays finite
    /// when all but one draw agree), so no normal distribution of draws is presumed. With one replication or no luck, the logarithm of the mean
    /// square between draws takes its place.
    ///
    /// # Source
    /// Arvesen, J. N. and Schmitz, T. H. (1970), "Robust procedures for variance component problems using the jackknife", *Biometrics* 26,
    /// 677-686; Efron, B. (1982), *The Jackknife, the Bootstrap and Other Resampling Plans*, SIAM, chapter 6.
    pub fn knowledge_sd_interval(&self, table: &DrawTable) -> (f64, f64) {
        if self.draws < 2 || self.within.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        if self.between == 0.0 {
            return (0.0, 0.0);
        }
        let draws = self.draws as f64;
        let influences = table.draws.iter().filter(|draw| draw.count > 0).map(|draw| {
            let deviation = draw.mean - self.mean;
            let between = f64::from(draw.count) * deviation * deviation / self.between;
            let free = f64::from(draw.count) - 1.0;
            let within = if self.within > 0.0 && free > 0.0 {
                draw.squares / free / self.within
            } else {
                1.0
            };
            between - within
        });
        let error = influences
            .fold(0.0, |sum, influence| sum + influence * influence)
            .sqrt()
            / draws;
        let factor = melian_engine::math::exp(student_t::quantile(draws - 1.0, 0.95) * error);
        (
            self.sd_between(self.between / factor),
            self.sd_between(self.between * factor),
        )
    }

    fn sd_between(&self, between: f64) -> f64 {
        // Not `max`, which would take what cannot be told for zero.
        if between < self.within {
            0.0
        } else {
            ((between - self.within) / self.replications).sqrt()
        }
    }
}
