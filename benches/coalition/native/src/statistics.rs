//! What is said of a run.

use serde::Serialize;

/// Probabilities of the quantiles.
pub const PROBABILITIES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Means, spreads and quantiles by week and output, and shares of futures with each event.
#[derive(Serialize)]
pub struct Answers {
    /// Wall time of each round, s.
    pub seconds: Vec<f64>,
    /// `[week][output]`.
    pub mean: Vec<Vec<f64>>,
    /// `[week][output]`: standard error of the mean.
    pub error: Vec<Vec<f64>>,
    /// `[week][output][probability]`.
    pub quantiles: Vec<Vec<[f64; 5]>>,
    /// Escalated; front above 300 at the end; defender below 220 in any week.
    pub events: [f64; 3],
    /// Futures.
    pub replicas: usize,
}

impl Answers {
    /// Returns everything on a line.
    pub fn json(mut self, seconds: Vec<f64>) -> Result<String, serde_json::Error> {
        self.seconds = seconds;
        serde_json::to_string(&self)
    }
}
