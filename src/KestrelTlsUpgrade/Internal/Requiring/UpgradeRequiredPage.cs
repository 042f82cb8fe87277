using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// <see cref="UpgradeRequiredProblem"/> as an HTML page, for people: what is needed, the link if there is an https URI, and the details for
/// those who look after the server.
/// </summary>
internal static class UpgradeRequiredPage
{
    /// <summary>The colours and shapes of the report.</summary>
    private const string Style = """
        :root{color-scheme:light dark;--paper:#f6f7f8;--card:#fff;--ink:#1d2126;--soft:#5b646e;--line:#e1e5e9;--accent:#2f6fb0}
        @media (prefers-color-scheme:dark){:root{--paper:#121417;--card:#1a1d21;--ink:#e6e9ec;--soft:#9aa4ae;--line:#2c3137;--accent:#7ab0ea} }
        *{box-sizing:border-box}
        body{margin:0 auto;padding:1.5rem clamp(.9rem,3vw,2rem) 3rem;max-width:44rem;background:var(--paper);color:var(--ink);
        font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere;-webkit-text-size-adjust:100%}
        main{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.1rem 1.25rem}
        h1{font-size:1.5rem;line-height:1.2;margin:0 0 .75rem;letter-spacing:-.01em}
        p{margin:.5rem 0}
        a{color:var(--accent)}
        :focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        footer{color:var(--soft);font-size:.875rem;border-top:1px solid var(--line);margin-top:1.1rem;padding-top:.6rem}
        """;

    public static Task WriteAsync(HttpContext context, ProblemDetails problem, string? secureUri)
    {
        var html = HtmlEncoder.Default;
        var remedy = secureUri is null
            ? "<p>Ask whoever runs this server for its secure address.</p>"
            : $"""
            <p>Open it here instead:</p>
            <p><a href="{html.Encode(secureUri)}">{html.Encode(secureUri)}</a></p>
            """;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Secure connection needed</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <main>
            <h1>This page needs a secure connection</h1>
            <p>It was requested over a connection that is not encrypted, so it is not shown.</p>
            {remedy}
            <footer>
            <p>{problem.Status} {html.Encode(problem.Title!)}. {html.Encode(problem.Detail!)}</p>
            </footer>
            </main>
            </body>
            </html>

            """,
            Encoding.UTF8,
            context.RequestAborted);
    }
}
