<?php
// What an application behind SimpleSAMLphp sees: a name and a value on each line. Its
// other parameters say how to log in. Everything but /show is SimpleSAMLphp's own.
if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) !== '/show') {
    return false;
}
require getenv('SIMPLESAMLPHP') . '/lib/_autoload.php';
header('Content-Type: text/plain; charset=utf-8');
$user = new SimpleSAML\Auth\Simple('sp');
if (isset($_GET['logout'])) {
    $user->logout('http://' . $_SERVER['HTTP_HOST'] . '/show?out');
}
if (isset($_GET['out'])) {
    exit("logged out\n");
}
if (!$user->isAuthenticated()) {
    parse_str($_SERVER['QUERY_STRING'] ?? '', $how);
    $user->login($how + ['ReturnTo' => 'http://' . $_SERVER['HTTP_HOST'] . '/show']);
}
echo 'name=', $user->getAuthData('saml:sp:NameID')->getValue(), "\n";
echo 'context=', $user->getAuthData('saml:sp:AuthnContext'), "\n";
foreach ($user->getAttributes() as $name => $values) {
    echo $name, '=', implode('|', $values), "\n";
}
