using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary><see cref="UpgradeRequiredProblem"/> as an HTML page, with a link if there is an https URI.</summary>
internal static class UpgradeRequiredPage
{
    public static Task WriteAsync(HttpContext context, ProblemDetails problem, string? secureUri)
    {
        var html = HtmlEncoder.Default;
        var link = secureUri is null
            ? ""
            : $"""<p><a href="{html.Encode(secureUri)}">{html.Encode(secureUri)}</a></p>""";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{problem.Status} {html.Encode(problem.Title!)}</title>
            </head>
            <body>
            <h1>{html.Encode(problem.Title!)}</h1>
            <p>{html.Encode(problem.Detail!)}</p>
            {link}
            </body>
            </html>

            """,
            Encoding.UTF8,
            context.RequestAborted);
    }
}
