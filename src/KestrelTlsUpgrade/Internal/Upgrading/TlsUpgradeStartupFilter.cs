using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>Adds the upgrade middleware in front of the application's pipeline, so that the application has nothing to call.</summary>
internal sealed class TlsUpgradeStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<TlsUpgradeMiddleware>();
        next(app);
    };
}
