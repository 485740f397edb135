/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /metrics: made at most once in a while, however often it is asked for. */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

struct serve_answer;
struct serve_site;

/* 404 where there are results alone. */
void serve_metrics(struct serve_answer *a, struct serve_site *site);

#endif
