using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary><see cref="UpgradeRequiredResponse"/> as an MVC result.</summary>
internal sealed class UpgradeRequiredResult : ActionResult
{
    public override Task ExecuteResultAsync(ActionContext context) => UpgradeRequiredResponse.WriteAsync(context.HttpContext);
}
