using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>Puts the HTTP part in front of the application's pipeline, with nothing for the application to call or to forget.</summary>
internal sealed class TlsUpgradeStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<TlsUpgradeMiddleware>();
        next(app);
    };
}
