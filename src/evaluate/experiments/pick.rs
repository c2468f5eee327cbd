//! Features chosen at random, the same ones each time.

/// A small generator of numbers that look random (splitmix64), the same on every machine.
pub struct Random(u64);

impl Random {
    /// One for a prompt of an experiment.
    pub fn new(experiment: usize, prompt: usize) -> Random {
        Random(((experiment as u64) << 32) | prompt as u64)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// So many of these in their order, each as likely as the others; all where there are no more.
    pub fn choose<T: Copy>(&mut self, from: &[T], count: usize) -> Vec<T> {
        let mut left = count.min(from.len());
        let mut chosen = Vec::with_capacity(left);
        for (i, one) in from.iter().enumerate() {
            let remaining = (from.len() - i) as u64;
            if self.next() % remaining < left as u64 {
                chosen.push(*one);
                left -= 1;
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_chosen_as_often_and_as_many_as_asked_for() {
        let mut times = [0; 6];
        for prompt in 0..6000 {
            let chosen = Random::new(1, prompt).choose(&[0, 1, 2, 3, 4, 5], 2);
            assert_eq!(chosen.len(), 2);
            assert!(chosen[0] < chosen[1]);
            for one in chosen {
                times[one] += 1;
            }
        }
        assert!(
            times.iter().all(|times| (1850..2150).contains(times)),
            "{times:?}"
        );
        let same = |experiment| Random::new(experiment, 7).choose(&times, 3);
        assert_eq!(same(2), same(2));
        assert_eq!(Random::new(0, 0).choose(&[1, 2], 5), [1, 2]);
    }
}
