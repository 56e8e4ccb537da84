#include "reload.h"

#include "common/exit.h"
#include "common/report.h"
#include "events.h"

bool reload_is_possible(const struct app *app)
{
    return psk_can_reload(app->psk, app->options) ||
           (app->options->keep && app->options->secrets != NULL);
}

/* With workers, only the supervisor reports what was loaded. */
static bool reports(const struct app *app)
{
    bool by_supervisor = app->options->workers > 0 && app->dtls != NULL;
    return app->options->verbose > 0 && !by_supervisor;
}

static bool reload_secrets(struct app *app)
{
    if (secrets_load(&app->secrets, app->options->secrets) != EXIT_DONE) {
        report_note("the secrets that were loaded before remain in use");
        return false;
    }
    if (reports(app))
        secrets_describe(&app->secrets, app->options->secrets);
    return events_set_secrets(app) == EXIT_DONE;
}

static bool reload_keys(struct app *app)
{
    bool loaded = psk_reload(app->psk, app->options);

    if (loaded && reports(app))
        psk_describe(app->psk);
    if (loaded && app->dtls != NULL)
        dtls_recheck_keys(app->dtls);
    return loaded;
}

bool reload(struct app *app)
{
    bool loaded = false;

    if (psk_can_reload(app->psk, app->options))
        loaded = reload_keys(app);
    if (app->options->secrets != NULL)
        loaded |= reload_secrets(app);
    return loaded;
}
