//! Code compiled for several processors, chosen when the program runs.
//!
//! All members give the same bits: what is compiled is ordinary code, in which no operation is fused or reordered unless written so.

/// Which instructions of the processor are used. Only [`Features::all`] makes other than portable ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Something to be compiled for several processors. Its method, and what that calls in loops, is inlined by force: a function
/// that is called would be compiled for the portable one.
pub(crate) trait Work {
    /// What comes out.
    type Result;
    /// Does it.
    fn run(self) -> Self::Result;
}

impl Features {
    /// Those that every processor of the architecture has.
    pub const PORTABLE: Features = Features(Set::Portable);

    /// Returns the best that this processor has.
    pub fn detect() -> Features {
        Features::all().last().copied().unwrap_or(Features::PORTABLE)
    }

    /// Returns all that this processor has, the best last.
    pub fn all() -> Vec<Features> {
        let mut all = vec![Features::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            all.push(Features(Set::Avx2));
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
            {
                all.push(Features(Set::Avx512));
            }
        }
        all
    }

    /// Returns the name: `portable`, `avx2` or `avx512`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
        }
    }

    /// Does something with these instructions.
    #[inline(always)]
    pub(crate) fn run<W: Work>(self, work: W) -> W::Result {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn avx2<W: Work>(work: W) -> W::Result {
            work.run()
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,fma")]
        fn avx512<W: Work>(work: W) -> W::Result {
            work.run()
        }
        match self.0 {
            Set::Portable => work.run(),
            #[cfg(target_arch = "x86_64")]
            #[expect(
                unsafe_code,
                reason = "the only way to call code for a processor found at run time"
            )]
            // SAFETY: the function is safe code. What makes the call unsafe is that it is compiled for instructions that a processor may
            // lack; this set is made only where `all` has found them.
            Set::Avx2 => unsafe { avx2(work) },
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "as above")]
            // SAFETY: as above.
            Set::Avx512 => unsafe { avx512(work) },
        }
    }
}
