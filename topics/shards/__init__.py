"""Corpora beyond one machine's memory: the same run, in parts.

    files ──split──▶ records ──clean──▶ papers ──label──▶ assignments ──count──▶ integers ──merge──▶ tables
                                           │                 ▲            ▲
                                         draw             the frozen model and its terms
                                           ▼                 │            │
                                        a sample ──────▶ a run of it ─────┘

SplitFile, clean, draw, label and count are pure functions of one file or shard, from files to files; `task`
keeps what each has made under a key, `engine` says where they run. Before papers are drawn, `duplicates`
finds those that several shards have. What is added up are integers, so that neither the engine nor the order
changes any table. `run` has the steps in order, from beginning to end.
"""
