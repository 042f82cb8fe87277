using System.Globalization;
using KestrelTlsUpgrade.Tool.Reporting;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>Says what the status of a response is.</summary>
internal static class StatusText
{
    public static string Of(HttpResponseMessage response) =>
        string.Create(CultureInfo.InvariantCulture, $"the answer is {(int)response.StatusCode} {PrintableText.Cut(response.ReasonPhrase ?? "")}").TrimEnd();
}
