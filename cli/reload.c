#include "reload.h"

#include "common/exit.h"
#include "common/report.h"
#include "events.h"

bool reload_is_possible(const struct app *app)
{
    return psk_can_reload(app->psk, app->options) ||
           (app->options->keep && app->options->secrets != NULL);
}

static bool reload_secrets(struct app *app)
{
    if (secrets_load(&app->secrets, app->options->secrets) != EXIT_DONE) {
        report_note("the secrets that were loaded before remain in use");
        return false;
    }
    return events_set_secrets(app) == EXIT_DONE;
}

static bool reload_keys(struct app *app)
{
    /* With workers, only the supervisor describes the keys. */
    bool by_supervisor = app->options->workers > 0 && app->dtls != NULL;
    bool loaded = psk_reload(app->psk, app->options);

    if (loaded && app->options->verbose > 0 && !by_supervisor)
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
