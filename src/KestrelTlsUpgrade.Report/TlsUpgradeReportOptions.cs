using System.Net;

namespace KestrelTlsUpgrade.Report;

/// <summary>
/// Settings of the report, from the section <c>TlsUpgradeReport</c> of the configuration and then from code. Read once, when the application
/// starts.
/// </summary>
public sealed class TlsUpgradeReportOptions
{
    /// <summary>
    /// Gets the products of callers that are expected in clear text, such as <c>kube-probe</c>: the first one that <c>User-Agent</c> names
    /// (RFC 9110 section 10.1.5), without its version. For browsers, their name. The report marks them, and leaves them out of the
    /// number of callers in clear text and of what a step would meet.
    /// </summary>
    /// <value>Empty by default. Not case-sensitive.</value>
    public IList<string> ExpectedProducts { get; } = [];

    /// <summary>Gets the networks of callers that are expected in clear text, whatever their product is.</summary>
    /// <value>Empty by default.</value>
    public IList<IPNetwork> ExpectedNetworks { get; } = [];

    /// <summary>
    /// Gets or sets the name of the authorization policy of those who may see the full addresses of callers, with
    /// <c>?addresses=true</c>. Everybody else who may see the report sees networks only.
    /// </summary>
    /// <value><see langword="null"/> by default: nobody sees addresses, and none are kept.</value>
    public string? AddressPolicy { get; set; }

    /// <summary>
    /// Gets or sets the folder in which the counts survive a restart. A relative path starts at the application's content root. It is created
    /// if it does not exist. Addresses are not written to it.
    /// </summary>
    /// <value><see langword="null"/> by default: the report counts from the start of the application.</value>
    public string? Folder { get; set; }
}
