"""Corpora beyond one machine's memory: the same run, in parts.

    files ──split──▶ records ──clean──▶ papers ──label──▶ assignments ──count──▶ integers ──merge──▶ tables
                                           │                 ▲            ▲
                                         draw             the frozen model and its terms
                                           ▼                 │            │
                                        a sample ──────▶ a run of it ─────┘

Every arrow but the last two of a row is a pure function of one shard, from files to files; `work` keeps what
each has made under a key, `engine` says where they run. What is added up are integers, so that neither the
engine nor the order changes any table. `story` tells it from beginning to end.
"""
